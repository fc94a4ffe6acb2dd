"""The decision once more, in Python: for previews and for "why did I get this?". Advice, never law.

The law is `consent.decide_batch`, evaluated at the claim. `rules` is the same table as pure functions over a frozen
`facts.World`; proofs/differential.py holds the two together. Nothing here reads a database or a clock.
"""
