"""Receipts: who has which version."""
