"""Tests of experience."""
