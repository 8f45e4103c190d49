"""What a reward is tested with: known attacks, and the catalogue of all rewards."""
