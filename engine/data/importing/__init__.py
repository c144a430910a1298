"""From merchants' files as they are to clean tables: nothing is lost, everything is counted.

``sheets`` reads files to blocks of text rows; ``recognise`` says what a sheet is and what its figures mean; ``feeds``
turns blocks into rows under contract names; ``staging`` checks them cell by cell; ``merge`` makes the next snapshot.
"""
