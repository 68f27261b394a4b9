"""What is published after a run, and what ``explain`` reads of it."""
