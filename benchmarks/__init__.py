"""Measurements of the parts that must be fast. Each prints a table and writes JSON to build/benchmarks/."""
