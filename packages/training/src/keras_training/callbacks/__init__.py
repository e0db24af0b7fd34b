"""Callbacks: objects that training tells what happens.

`callback` holds the base, `callback_list` the list that training talks to; each other file has one
kind of callback.
"""
