"""What users call: customers, custom fields, and categories of fields.

It decides which calls an operation takes, and in which order. It may import every room below. Start
reading at `customers`; `fields`, `categories` and `ensure` are loaded when they are first used.
"""
