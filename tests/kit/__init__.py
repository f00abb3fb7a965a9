"""Tests of the tools that know no feature."""
