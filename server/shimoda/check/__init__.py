"""What can be wrong with the files, found and told with its place."""
