"""What we know about a customer and what is wrong with it: pure, no I/O, no clock."""
