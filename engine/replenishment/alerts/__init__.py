"""What needs a buyer's eye: one kind of alert a file, the ways out in one place."""
