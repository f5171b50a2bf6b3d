# grader/unit/units.mk: the unit tests. One line each, in any order:
#
#   unit-NAME := SOURCES       builds build/unit/NAME from test_NAME.c and SOURCES
#   flags-NAME := FLAGS        more compiler flags, when it needs them
