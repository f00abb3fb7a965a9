"""The learning library, alone: arrays in, arrays out."""
