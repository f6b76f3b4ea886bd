"""The operations that users call: on customers, custom fields, and categories of fields.

It decides which calls an operation needs, and in which order. It may import every room below. Start
reading at `customers`; `fields`, `categories` and `ensure` are loaded when they are first used.
"""
