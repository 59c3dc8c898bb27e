"""What goes into the images."""
