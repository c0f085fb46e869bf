"""Figures that the project stands by: each line is measured in this run, against a peer."""
