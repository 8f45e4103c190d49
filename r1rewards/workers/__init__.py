"""Killable worker processes with a budget per item."""
