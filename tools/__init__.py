"""What a developer runs and no user needs: writing the reference out of the code. Not a part of the program."""
