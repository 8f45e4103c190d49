"""One file a reward; rewards never import each other."""
