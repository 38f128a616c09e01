"""Networks and small data sets that the course hands out; each file stands alone and can be given to students."""
