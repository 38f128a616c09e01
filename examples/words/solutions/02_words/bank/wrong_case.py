# question: words
# misconception: capital_letters
# sentence: Words with a capital letter are other words here.
# hint: `str.lower`
def words(text):
    return re.findall("[A-Za-z]+", text)
