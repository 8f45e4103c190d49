"""Sentences written for these tests: the same thought in many languages, two sentences each."""

SENTENCES = {
    "en": "We first look at the smaller case and then try to find out how the numbers grow from one step to the next. "
    "After that it should be clear which of the two answers is right.",
    "de": "Wir betrachten zuerst den kleineren Fall und überlegen dann, wie die Zahlen von einem Schritt zum nächsten "
    "wachsen. Danach sollte klar sein, welche der beiden Antworten richtig ist.",
    "fr": "Nous regardons d'abord le cas le plus simple, puis nous cherchons comment les nombres grandissent à chaque "
    "étape. Ensuite, on devrait voir laquelle des deux réponses est la bonne.",
    "es": "Primero miramos el caso más sencillo y después buscamos cómo crecen los números de un paso al siguiente. "
    "Luego debería quedar claro cuál de las dos respuestas es la correcta.",
    "it": "Prima guardiamo il caso più semplice e poi cerchiamo di capire come crescono i numeri da un "
    "passo all'altro. Dopo dovrebbe essere chiaro quale delle due risposte è quella giusta.",
    "pt": "Primeiro olhamos para o caso mais simples e depois tentamos perceber como os números crescem em cada passo. "
    "A seguir deve ficar claro qual das duas respostas está certa.",
    "nl": "Eerst bekijken we het kleinste geval en daarna zoeken we uit hoe de getallen bij elke stap groter worden. "
    "Dan moet het duidelijk zijn welk van de twee antwoorden goed is.",
    "pl": "Najpierw patrzymy na prostszy przypadek, a potem sprawdzamy, jak liczby rosną z każdym krokiem. "
    "Wtedy powinno być jasne, która z dwóch odpowiedzi jest prawidłowa.",
    "tr": "Önce en basit duruma bakalım, sonra sayıların bir adımdan diğerine nasıl büyüdüğünü anlamaya çalışalım. "
    "Bundan sonra iki cevaptan hangisinin doğru olduğu belli olmalı.",
    "ru": "Сначала рассмотрим самый простой случай, а потом попробуем понять, как растут числа от шага к шагу. "
    "После этого должно быть ясно, какой из двух ответов верный.",
    "uk": "Спочатку розглянемо найпростіший випадок, а потім спробуємо зрозуміти, як зростають числа з кожним кроком. "
    "Після цього має бути зрозуміло, яка з двох відповідей правильна.",
    "ar": "ننظر أولا إلى الحالة الأبسط ثم نحاول أن نفهم كيف تكبر الأعداد من خطوة إلى أخرى. "
    "بعد ذلك يجب أن يكون واضحا أي الجوابين هو الصحيح.",
    "fa": "نخست ساده‌ترین حالت را بررسی می‌کنیم و بعد می‌کوشیم بفهمیم که عددها در هر گام چگونه بزرگ می‌شوند. "
    "پس از آن باید روشن باشد که کدام یک از این دو پاسخ درست است.",
    "hi": "पहले हम सबसे सरल स्थिति को देखते हैं और फिर समझने की कोशिश करते हैं कि हर कदम पर संख्याएँ कैसे बढ़ती हैं। "
    "इसके बाद यह साफ हो जाना चाहिए कि दोनों में से कौन सा उत्तर सही है।",
    "ko": "먼저 가장 간단한 경우를 살펴보고 그다음에 숫자가 단계마다 어떻게 커지는지 생각해 보자. "
    "그러고 나면 두 답 가운데 어느 것이 맞는지 분명해질 것이다.",
    "ja": "まず一番簡単な場合を考えて、それから数が一歩ごとにどのように増えていくのかを調べてみます。"
    "そうすれば、二つの答えのうちどちらが正しいのかがはっきりするはずです。",
    "zh": "我们先看最简单的情况，然后再想一想这些数字是怎样一步一步变大的。"
    "这样就应该能看清楚两个答案里哪一个才是对的。",
    "th": "ก่อนอื่นเราดูกรณีที่ง่ายที่สุด แล้วจึงพยายามหาว่าจำนวนเพิ่มขึ้นอย่างไรในแต่ละขั้น",
    "el": "Πρώτα κοιτάμε την πιο απλή περίπτωση και μετά προσπαθούμε να βρούμε πώς μεγαλώνουν οι αριθμοί σε κάθε βήμα.",
    "he": "קודם נסתכל על המקרה הפשוט ביותר ואחר כך ננסה להבין איך המספרים גדלים מצעד לצעד.",
}
