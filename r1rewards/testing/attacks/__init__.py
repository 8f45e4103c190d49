"""Known ways to be paid without doing the work, as data, and what runs a reward against them."""
