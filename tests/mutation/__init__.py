"""Mutation testing of `governor.domain`: would its tests notice a wrong rule? `make mutate` runs it."""
