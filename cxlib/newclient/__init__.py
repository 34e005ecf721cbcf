"""A client's folder from a survey export: the columns' roles are worked out, and every guess is said."""
