"""What is doubtful in a model that loads: alone, and with data."""
