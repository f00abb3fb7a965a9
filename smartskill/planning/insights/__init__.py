"""The bridge from planning to what needs a solver."""
