"""The page people use, and the drawn document that shows it."""
