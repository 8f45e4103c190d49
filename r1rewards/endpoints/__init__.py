"""Asking services behind HTTP: many requests at once, each retried, none able to hold up the rest."""
