"""Learning platforms: grades go out into the files that they wrote themselves, rosters come in from their exports.

A platform recognises people by its own numbers and by names, and our roster has no names. So nothing is composed here:
an export *fills the file that was downloaded from the platform*, changes the cells of the grade and the comment, and
leaves every other byte as it was. What the platform would pass over without a word is listed before it is uploaded.
"""
