"""What vendors should hold, what they hold, and the frozen difference."""
