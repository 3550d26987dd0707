"""Parts of the page that move: an explorer of the measures, and the lesson; may import `plots`.

Python says what they hold; their look is in the templates beside `page`, their work in scripts.
"""
