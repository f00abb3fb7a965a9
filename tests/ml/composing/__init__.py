"""Tests of composing teams."""
