# question: predict_training
# misconception: learnt_by_heart_is_learnt
# sentence: Images learnt by heart are taken for knowledge of others, and a new network for one that is right by default.
# hint: Which loss has a guess among ten? And what did the sixteen images say about other ones?

predict_1 = "a"
predict_2 = "c"
predict_3 = "c"
