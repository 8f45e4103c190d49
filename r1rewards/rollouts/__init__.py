"""Files of rollouts: read, score, write, resume."""
