"""The commonest short words of each language: what character statistics alone cannot tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WORDS = {
    "en": "the of and to in a is that for it as was with be by on not he i this are or his from at which but have "
    "an had they you were there one all we can her has would will if so what when more do than been their who "
    "other its him no out up she them then these some could into time my about your now only like over also how "
    "after any our two where most such may because should each those people very just too does did get let let's "
    "it's don't first find number must both between here while same many well since however again need think say "
    "us wait hmm",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus "
    "er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor "
    "zur bis mehr durch man sein wurde sei wir ich du ihr ihm ihn uns mir mich dir wenn dann kann hier alle diese "
    "dieser dieses schon sehr was wo wer zwei unter können muss müssen also jetzt da doch ja keine kein mal vom "
    "gegen lass beide ihre seine eines ob weil denn nun bereits zwischen gibt viele jede jeder ersten zuerst",
    "fr": "de la le et les des en un une du dans est que pour qui par sur au a il pas plus se ne sont avec ce son "
    "je nous vous ils elle on mais ou où comme si cette ces sa ses leur leurs aux été être avoir fait deux tout "
    "tous même aussi bien peut sans ont était y donc alors car très encore après avant entre sous elles mon ma "
    "mes votre notre nos vos quand dont cela c'est d'un d'une qu'il qu'elle n'est l'on j'ai n'a s'il là peu faire "
    "faut dit ainsi chaque trois autre autres toutes toute puis ici soit moins selon afin combien ni moi toi lui",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si "
    "sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi "
    "porque qué sólo solo han yo hay vez puede todos así nos ni parte tiene él uno donde bien tiempo mismo ese "
    "ahora cada e vida otro después te otros aunque esa eso hace otra gobierno tan durante siempre día tanto ella "
    "tres sí sido gran debe estas estos algo entonces cuál cuántos cuántas les tu antes pues quizás déjame puedo "
    "tienen hacer nuestro",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua ou "
    "quando muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse "
    "eles você essa num nem suas meu às minha têm numa pelos elas qual lhe deles essas esses pelas este dele tu "
    "te vocês vos lhes meus minhas teu tua nosso nossa dela delas esta estes estas aquele aquela isto aquilo "
    "estou está estamos estão são foi ser ter tem era há então vamos pode cada agora assim onde porque dois três "
    "quantos quantas deve",
    "it": "di e il la che in a per un è del non una i le si con da sono al come più dei della nel anche lo ma ha "
    "gli alla delle su o se dal ai nella ed sul suo loro questo essere stato sua degli dalla cui ci ad hanno tra "
    "era due questa quello dopo anni dell'anno ancora chi fra solo tutti mi ne così prima stata sia senza fatto "
    "perché quando molto poi dove tutto te lui lei noi voi io ti quindi può alle dall nei sulla nell un'altra c'è "
    "dell all quanti quante qui già ogni proviamo allora ora mai quale questi queste nelle agli sui dagli cosa "
    "bene fare",
    "nl": "de van het een en in is dat op te zijn met voor die niet aan er om ook als dan maar bij of uit nog "
    "worden door naar heeft tot ze wordt over hij ik je we wij was werd hebben kan deze meer al geen haar hun zou "
    "moet wel veel dit zo had tegen onder zich zij wat waar mijn u hem ons nu onze kunnen gaan dus toch want zal "
    "men eerste twee omdat laten hier toen daar alle alleen af eens na tussen waren ben hoe jaar mensen moeten "
    "zonder elke andere iets elk later laat toe even wacht misschien volgende totaal aantal hoeveel welke",
    "af": "die van en in het is n 'n nie te dat op vir met wat om hy sy aan was ek as hulle word sal deur ook by "
    "kan tot daar jy uit maar baie haar hom moet nog so toe na oor een ons my wees geen of meer net sê al hierdie "
    "waar jaar af dan twee wil had se kom gaan eerste onder tussen ander dié hoe mense omdat sou weer self sonder",
    "da": "og i at det er en den til af på for med som de ikke der har et han vi jeg kan var fra sig om man hun men "
    "så være havde eller blev efter ved også skal over du nu når meget hvis bliver kun noget end mere sin hans "
    "dem os alle deres hvor ind op ud to år denne dette andre selv mod under skulle ville blive mange kunne mig "
    "hvad hvordan lige derfor sådan fordi uden disse vil må få går kommer blevet",
    "no": "og i det er på en til som av for at med de den ikke har et han om jeg var vi fra kan seg men hun så skal "
    "etter ble ved eller også være over du nå når mye hvis blir bare noe enn mer sin hans dem oss alle deres hvor "
    "inn opp ut to år denne dette andre selv mot under skulle ville bli mange kunne meg hva hvordan derfor fordi "
    "uten disse vil må få går kommer blitt hadde sier ha sa gjøre flere noen",
    "sv": "och i att det som en på är av för med den till inte om de ett han har var jag men så vi kan från hon "
    "också när vid ut sig eller man efter nu ska skulle bara mycket än mer sin hans dem oss alla deras där in upp "
    "två år denna detta andra själv mot under vara hade blir vill bli många kunde mig vad hur därför eftersom "
    "utan dessa måste få går kommer blivit finns sedan genom mellan varje någon några över här inom hos sina",
    "fi": "ja on ei se että oli hän mutta ovat kun niin tai myös joka sen ole en kuin mitä nyt jos minä olla vain "
    "sitä jo hänen sekä voi ne kanssa me sinä he tämä siitä mukaan jälkeen vielä ennen ollut mikä koska siis olen "
    "kaikki sitten hyvin joten tässä siinä olisi jotka tämän niiden kaksi vuoden sille miten paljon täällä ettei",
    "et": "ja on ei et see oli ta ka kui aga ning või mis oma nii ma kes seda siis veel selle me nad pole olema kas "
    "oleks välja kõik sest mida juba ainult väga need nende meie minu tema ole üle nagu pärast kuid saab peab "
    "kaks aasta üks mille millest kus seal siin nüüd sellest kuidas palju",
    "hu": "a az és hogy nem is egy van ez ezt csak meg de volt mint már még ha vagy azt el s ki be fel le szerint ő "
    "aki ami amely ezek azok lesz kell lehet után között minden olyan így úgy most itt ott mi te én nagyon több "
    "két majd pedig alatt vannak számára illetve ennek annak mert akkor ezen arra által sem való éves hogyan "
    "mennyi hány",
    "pl": "w i na z się nie do to że jest o jak za od po przez co ale tym dla czy a tak tylko już ma być są było "
    "był była oraz który która które ich jego jej może przy lub ze by można pan więc także sobie bardzo jeszcze "
    "gdy tego te ten ta tej mnie mi go nas nam jako pod przed bez kiedy wszystko niż aby gdzie również jednak "
    "nawet roku lat pani u we jeśli będzie ponieważ każdy ile teraz tu tam dwa między musi",
    "cs": "a v na se je že to s z do o i jako by ve pro za po ale si jsem od tak jak k nebo jeho které který která "
    "už jsou bylo byl byla při až co pod však ze také tím než může jen jejich být ještě má bude není před aby "
    "když ten tato toto tento této kde proto protože jsme můžete musí velmi mezi podle u nás my vy on ona kolik "
    "dva nyní",
    "sk": "a v na sa je že to s z do o i ako by vo pre za po ale si som od tak k alebo jeho ktoré ktorý ktorá už sú "
    "bolo bol bola pri až čo pod však zo tiež tým než môže len ich byť ešte má bude nie pred aby keď ten táto "
    "toto tento tejto kde preto pretože sme môžete musí veľmi medzi podľa u nás my vy on ona koľko dva teraz aj "
    "iba",
    "sl": "in je v na se da za z so ki pa s ne tudi po pri kot od bi iz do o še lahko ali kako le to ta te ko že ni "
    "bilo bil bila sem smo ste si mu jih ga jo jim nje njegov več ker zelo med pred vse zato sta tako bo bodo "
    "brez tem tega nas vas oba dva koliko zdaj nato potem",
    "hr": "i u je se na da za od su s a o ne to kao po iz ili koji koja koje što bi sam do ali kako već te će pri "
    "može samo smo nije bio bila bilo biti ima više jer sa nakon još tako ako sve taj ta ovo ova ovaj gdje prema "
    "između kada njegov ih ga mu joj vrlo dva sada koliko možemo prije zatim treba bez također",
    "ro": "și şi de în a la cu pe că nu un o din este se pentru care mai au al sau ca fi ce prin după dar sunt lui "
    "ale fost acest această el ei ea am ai are cel cea dintre doar foarte între când unde cum dacă poate trebuie "
    "său sa sale lor toate tot acum fără până sub fie noi voi eu mi te îi le ne va vor fiecare două câte atunci "
    "deci",
    "ca": "de la i el a en que els les per un una amb és del no es dels al com més o són seu seva però també ha va "
    "si pel hi aquest aquesta fer molt ser entre tot on sense quan ja fins ho ens em us li aquests aquestes "
    "perquè seus seves dos anys així pot sobre des tots cada ara doncs hem han d'un d'una l'any què qual després",
    "sq": "dhe e të i në një që me për nga është si u se ka do më nuk ishte por ky kjo janë edhe ose kur pas ai ajo "
    "tij saj nëse vetëm duke shumë kanë mund mes ku tani unë ne ju ata këtë asaj atë pa deri sipas gjithë dy prej "
    "së",
    "lt": "ir į iš kad su yra tai buvo o bet kaip jo jis ji ne ar už per po nuo kurie kuris kuri taip dar tik prie "
    "jau savo labai arba gali būti jų jos mes jūs aš tu mano apie iki kai jei nes daug du dabar tarp visi šis ši "
    "reikia",
    "lv": "un ir no ar uz ka kas par bija tas tā bet kā viņš viņa nav vai pēc līdz lai arī to kuri kurš kura tikai "
    "jau savu ļoti var būt mēs jūs es tu mans pie kad ja jo daudz divi tagad starp visi šis šī gan vairāk nevar "
    "tiek",
    "tr": "ve bir bu da de için ile çok daha olarak o ne gibi en var kadar ama sonra ben mi ise ya her olan değil "
    "diye olduğu olduğunu yok kendi biz iki şey sadece bana ki veya ancak çünkü nasıl bunu onun tüm hem önce göre "
    "böyle şimdi üzere tarafından olur oldu eğer siz sen onu buna nedeniyle aynı kez bile arasında içinde mı mu "
    "bunun ilk zaman kaç hangi bunlar toplam bütün",
    "id": "yang dan di dengan untuk dari ini itu pada dalam adalah tidak ke akan oleh sebagai juga atau karena "
    "telah bahwa ada bisa dapat mereka saya kami kita dia anda ia tersebut sudah hanya lebih seperti satu dua "
    "banyak harus jika orang tahun saat sangat masih namun antara setelah secara menjadi agar belum semua para "
    "apa bagaimana berapa setiap kemudian maka jadi lagi nya sini mari tetapi hari lain maupun serta bagi",
    "vi": "và của là có trong được cho không các một với những người đã khi để này đến từ ra về như cũng tôi đó vào "
    "nhiều thì năm ở phải sẽ lại nhưng hay bạn mà nếu làm chúng ta hai nhà trên bị theo sau còn rất hơn qua đây "
    "tại do nên ông bà anh em cô ngày thể đi số việc mình chỉ cùng đều nào gì bao nhiêu mỗi nó họ biết vậy vì nữa "
    "hoặc giữa tất cả đầu rồi công điều con lên",
    "tl": "ang ng sa na mga ay at ni para si hindi ito may siya kung mula nang isang ko ka niya ako mo din rin lang "
    "pa ba o kanyang kay noong dahil ngunit upang nito kanilang tayo kami sila natin dalawang wala bago maging "
    "doon dito",
    "sw": "ya na wa kwa ni katika la za cha kuwa hii huo huu hiyo yake pia au kama vya watu hadi baada lakini hayo "
    "hivyo kutoka mwaka wake wao yao sana moja mbili si bila kila hizo hili yeye mimi sisi ambao ambayo kabla "
    "zaidi",
    "so": "oo iyo ka ku waa in ee ay la soo uu u ah ayaa lagu waxaa isaga kale si wax wuxuu waxay kala aan ma loo "
    "sida inuu ugu dad kuwa leh doonto markii laakiin badan kaas waxa mid laga",
    "cy": "y yr yn a i o ar ei mae am gan wedi bod ac oedd er ond fel hyn eu na nid at hefyd un mewn sydd ni chi "
    "roedd gyda fod neu wrth iddo dau dim fy ein eich hwn hon ôl pan bydd gael oes rhwng sut",
    "ru": "и в не на что с он как а то по это но я к у из за все так его от о же бы для мы вы она они был была было "
    "были быть если уже или ни до только когда чтобы ещё еще есть при который которые которая может можно их ее "
    "её этот эта эти этого нет чем даже под очень где том во со ли него нее после сколько каждый два более также "
    "между себя без будет нужно надо теперь тогда этом мне меня нам нас ему ей вам вас там тут тоже над об один "
    "про",
    "uk": "і й в у не на що з та до як за це але я від по для він вона вони ми ви є був була було були бути якщо "
    "вже або ні тільки коли щоб ще при який які яка яке може можна їх її його цей ця ці цього цьому немає ніж "
    "навіть під дуже де тому во зі із над після скільки кожен два більше також між себе без буде треба потрібно "
    "тепер тоді мені мене нам нас йому їй вам вас там тут теж про один так то чи свого своїх року цих ваш ваші",
    "bg": "и на в за да се от е не с по че са като до при си или който това този тази тези беше но аз ти той тя ние "
    "вие те му й им го я ги ще има няма може бъде също така след само което която които във със един една две ако "
    "когато където защото между без повече всички още много вече пред през под как какво колко ли",
    "mk": "и на во за да се од е не со по дека како до при си или кој што ова овој оваа овие беше но јас ти тој таа "
    "ние вие тие му им го ја ги ќе има нема може биде исто така само која кои еден една два ако кога каде бидејќи "
    "меѓу без повеќе сите уште многу веќе пред преку под колку ли сум бил била",
    "ar": "في من على إلى أن التي الذي هذا هذه عن مع كان لا ما أو قد كل بين بعد هو هي لم ثم إذا كما ذلك حيث قبل عند "
    "كانت غير أي فقد إن تم يمكن خلال لكن حتى لن منذ أكثر هناك أنه أنها به بها له لها فيه فيها منها منه عليه عليها "
    "وهو وهي وقد يتم دون تحت نحن هم أنا أنت كم ليس تلك هل أحد إنه وفي ومن وكان الى ان انه",
    "fa": "و در به از که این را با است برای آن یک خود تا کرد بر هم نیز می شد شده ما شما من او آنها ها های هر دو "
    "باید اگر یا اما بود شود کند کنید پس چه هستند دارد دارند بین پیش بعد همه چند روی مورد توسط همین باشد نمی کرده "
    "بی دیگر سال وی اند ای کنند کنیم می‌شود می‌کند می‌تواند آن‌ها نیست بیش چون وجود بودند",
    "ur": "کے کی میں کا ہے اور سے کو نے اس کہ پر یہ ہیں وہ بھی ایک جو کر تھا ہو گیا تو نہیں ان کیا لیے تھی ہم آپ "
    "تھے گی گا گے ہوئے ہوا ہی اپنے اپنی بعد ساتھ جا کچھ دو پھر اگر یا جب تک رہے رہا کوئی سب لئے ہوتا کرنے ہونے "
    "کرتے",
    "hi": "के है में की से को और का पर यह इस एक नहीं कि हैं भी ने वह ही तो जो कर था हो लिए या गया आप हम वे थे थी "
    "कुछ अपने साथ बाद तक इसके अगर जब क्या जा रहा रहे रही किया होता अब बहुत मैं मुझे उस उन्हें इन दो कोई सभी करने "
    "होने यदि तथा द्वारा जाता लेकिन फिर कितने सकते सकता करें हुए हुई प्रत्येक",
    "mr": "आणि आहे या व हा ही हे तो ते की च नाही आहेत असे होते होता होती मी तर त्या त्यांच्या त्याच्या एक मध्ये "
    "साठी पण त्यांनी करून केली केला केले झाला झाली झाले असून आपण जे जो काही सर्व म्हणून किंवा मात्र येथे दोन वर "
    "अशी त्याला आता",
    "ne": "र को मा छ का ले यो हो पनि भएको एक गरेको छन् लाई थियो गर्न बाट भने तर गरी हुन् यस त्यो गर्ने हुने अनि थिए "
    "उनले रहेको सबै कुनै दुई तथा वा साथै अब के भन्ने उनी म हामी तपाईं नै सम्म गर्दै गरे",
}

STOP_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {language: frozenset(words.split()) for language, words in _WORDS.items()}
)
"""A language to its commonest words, in lower case."""
