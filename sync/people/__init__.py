"""Records of all vendors → people, companies, and what they did and allowed."""
