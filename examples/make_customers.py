"""Makes the invented people of ``customers.csv``, the same byte for byte each time.

Run it as ``python examples/make_customers.py > examples/customers.csv``; it needs only the standard
library.

Nobody of this file exists. Names are drawn at random, email addresses end in domains reserved for
examples (RFC 2606), and every phone number is of a range that its country keeps free for fiction.
Where no such range is known to us, people have no phone. Eight rows are wrong on purpose, each in
its own way.
"""

# ruff: noqa: RUF001 - people are called as they are in their own letters, whatever Latin ones these
# resemble

import csv
import datetime
import io
import random
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

COLUMNS = (
    "crm_id", "salutation", "firstName", "lastName", "email", "mobilePhone", "birthday", "notes",
    "Loyalty tier", "Preferred language",
)  # fmt: skip
SEED = 1815
TIERS = ("bronze", "bronze", "bronze", "silver", "silver", "gold", "platinum", "")
DOMAINS = ("example.com", "example.org", "example.net")

T = TypeVar("T")


class Country(NamedTuple):
    """People of a country: how many, how they are called, and what is noted of them.

    A name is one word, with ``_`` for a space, and after ``=`` how it is spelled in an email
    address, where that does not follow from the name. In a phone number each ``x`` stands for any
    digit.
    """

    people: int
    language: str
    women: str
    men: str
    last_names: str
    notes: tuple[str, ...]
    phones: tuple[str, ...] = ()


COUNTRIES = {
    "Germany": Country(
        140, "Deutsch",
        "Käthe Jördis Annegret Friederike Lotte Änne Mareike Wiebke Swantje Heidrun",
        "Jürgen Götz Björn Lüder Hans-Jörg Eberhard Falk Thorben Wolfram Ansgar",
        "Müller Schäfer Weiß Größler Köhler Böhm Straßburger "
        "von_der_Heide Jäger Krüger Löwe Zürn Öhlschläger",
        ("Kommt gern früh, spätestens um 8", "Allergie gegen Nüsse; bitte nachfragen",
         'Möchte "nur zu Frau Weiß"', "Rückruf erbeten\nnach 18 Uhr"),
        ("+49 30 23125 xxx", "+49 69 90009 xxx", "+49 40 66969 xxx",
         "+49 221 4710 xxx", "+49 89 99998 xxx"),
    ),
    "United Kingdom": Country(
        120, "English",
        "Imogen Philippa Rosalind Siân Niamh Tamsin Winifred Eilidh Mary_Ann Harriet",
        "Alastair Rhys Tobias Gethin Hamish Rupert Callum Piers Owain Jolyon",
        "O'Leary Smythe-Jones Blackwood Penhaligon Featherstone "
        "MacAulay Thistlewaite Llewellyn Ashdown Cholmondeley",
        ("Prefers mornings, never Mondays", 'Says "call me Pip"', "Brings the dog 🐕",
         "Moved house\nnew address due"),
        ("+44 20 7946 0xxx", "+44 121 496 0xxx", "+44 131 496 0xxx",
         "+44 161 496 0xxx", "+44 29 2018 0xxx"),
    ),
    "France": Country(
        110, "Français",
        "Océane Solène Gaëlle Françoise Eugénie Maëlys Bérénice Cléo Anaïs Marie-Hélène",
        "Loïc Gaël Jean-François Thibault Rémi Noël Aurélien Théophile Cédric Yoann",
        "Lefèvre Beauséjour D'Aubigné Châtelain Génin Le_Goff "
        "Hénault Pâquet Saint-Rémy Forêt Béranger Noël",
        ("Cliente fidèle, toujours à l'heure", "Préfère le « petit salon »",
         "Rappeler l'après-midi ☎️"),
        ("+33 1 99 00 xx xx", "+33 2 61 91 xx xx", "+33 3 53 01 xx xx",
         "+33 4 65 71 xx xx", "+33 5 36 49 xx xx"),
    ),
    "United States": Country(
        120, "English",
        "Madison Zoë Josephine Renée Brooklyn Chloé Adelaide Savannah Joelle Marisol",
        "Tyler Nathaniel Chase Hunter José Beau Wesley Dakota Levi Andre",
        "Nuñez Whitaker O'Malley Kowalski Winslow Hargrove Castañeda "
        "Van_Buren McAllister Lindqvist Tran St._Clair",
        ("Nut allergy!", "Prefers text messages, no calls", 'Nickname: "Ace"',
         "VIP ⭐⭐⭐\ntwo parking spaces"),
        ("+1 212-555-01xx", "+1 312-555-01xx", "+1 415-555-01xx", "+1 206-555-01xx",
         "+1 617-555-01xx"),
    ),
    "Canada": Country(
        80, "English",
        "Aurélie Maude Tallulah Geneviève Marguerite Mackenzie Élodie Noémie",
        "Étienne Zacharie Gordon Keanu Félix Angus Raphaël Wyatt",
        "Tremblay Gagné Côté Bélanger MacTavish Cardinal Larivière Desrosiers Lévesque Singh-Roy",
        ("Bilingue, answers in both", "Winter only ❄️",
         "Snowbird: away from November, back in April"),
        ("+1 416-555-01xx", "+1 604-555-01xx", "+1 514-555-01xx", "+1 403-555-01xx"),
    ),
    "Australia": Country(
        80, "English",
        "Georgia Matilda Bronwyn Tahlia Jacinta Kirra Philomena Indi",
        "Lachlan Jarrah Darcy Archer Angus Koa Fergus Heath",
        "Wattle Brighton Nguyen-Hart Cooper Fitzgibbon Bellbird Karlsson Papas Winton Marchetti",
        ("No worries about short notice", "Surfs before 9, book after 🏄", 'Wants the "arvo" slot'),
        ("+61 2 5550 xxxx", "+61 3 5550 xxxx", "+61 7 5550 xxxx", "+61 8 5550 xxxx"),
    ),
    "Sweden": Country(
        50, "Svenska",
        "Åsa Märta Östen-Linn Görel Maj-Britt Fröja",
        "Göran Åke Örjan Pär Sören Håkan",
        "Åkesson Öberg Sjöström Hägglund Ängström Blåklint Björklöf Ekdahl Nyström",
        ("Vill ha fönsterplats", "Ring före kl. 10, annars mejla", "Fika först ☕"),
        ("+46 70 174 06 1x", "+46 70 174 06 2x", "+46 70 174 06 3x",
         "+46 70 174 06 4x", "+46 70 174 06 5x",
         "+46 70 174 06 6x", "+46 70 174 06 7x", "+46 70 174 06 8x", "+46 70 174 06 9x"),
    ),
    "Spain": Country(
        50, "Español",
        "Begoña Inés Macarena Nuria Rocío Ainhoa",
        "Íñigo Joaquín Ramón Ángel Gonzalo Andrés",
        "Muñoz Ibáñez García_de_la_Torre Peñalver Zúñiga Quiñones Echeverría Güell Núñez",
        ("¿Puede venir con niños? Sí", "Llamar por la tarde, ¡nunca antes de las 10!"),
    ),
    "Poland": Country(
        50, "Polski",
        "Małgorzata Świętosława Łucja Żaneta Agnieszka Bożena",
        "Łukasz Stanisław Wojciech Zdzisław Grzegorz Bartłomiej",
        "Wójcik Woźniak Zając Dąbek Źródło Gołąb Świerczek Mróz Kołodziej",
        ("Woli wizyty rano", "Dzwonić po 17, najlepiej w środę"),
    ),
    "Greece": Country(
        50, "Ελληνικά",
        "Ελένη=eleni Μαργαρίτα=margarita Δέσποινα=despina "
        "Χρυσή=chrysi Ευαγγελία=evangelia Θάλεια=thalia",
        "Γιώργος=giorgos Σπύρος=spyros Θανάσης=thanasis "
        "Λευτέρης=lefteris Ξενοφών=xenofon Χρήστος=christos",
        "Παπαϊωάννου=papaioannou Οικονόμου=ikonomou "
        "Αθανασίου=athanasiou Βασιλείου=vasiliou Νικολάου=nikolaou "
        "Αντωνίου=antoniou Θεοδώρου=theodorou Ψάλτη=psalti",
        ("Προτιμά απόγευμα", "Καλέστε μετά τις 6, όχι Κυριακή"),
    ),
    "Ukraine": Country(
        50, "Українська",
        "Оксана=oksana Зоряна=zoriana Леся=lesia Ївга=yivha Соломія=solomiia Ганна=hanna",
        "Тарас=taras Юрій=yurii Богдан=bohdan Остап=ostap Євген=yevhen Ґнат=gnat",
        "Бондаренко=bondarenko Ткаченко=tkachenko Лисенко=lysenko "
        "Мороз=moroz Олійник=oliinyk Щербак=shcherbak "
        "Кравець=kravets Яценко=yatsenko",
        ("Телефонувати після обіду", "Любить каву ☕, без цукру"),
    ),
    "Turkey": Country(
        50, "Türkçe",
        "Ayşe İpek Gülşen Şule Çiğdem Irmak",
        "Işık İlker Çağrı Ömür Yiğit Gökçe",
        "Yıldız Çelik İnanç Şahinoğlu Güneş Işıldar Öztürkmen Ağaoğlu",
        ("Öğleden sonra arayın", "Pencere kenarı, lütfen"),
    ),
    "Israel": Country(
        50, "עברית",
        "נועה=noa שירה=shira תמר=tamar יעל=yael אביגיל=avigail רבקה=rivka",
        "איתן=eitan אורי=uri גלעד=gilad נדב=nadav יהונתן=yehonatan עומר=omer",
        "שקד=shaked ברק=barak אלמוג=almog הר-זהב=harzahav פלד=peled דגן=dagan שחר=shahar גפן=gefen",
        ("מעדיפה בוקר, לא ביום שישי", 'להתקשר ל"נייד" בלבד'),
    ),
    "Egypt": Country(
        50, "العربية",
        "فاطمة=fatma ليلى=layla نور=nour ياسمين=yasmin هدى=huda سلمى=salma",
        "يوسف=youssef كريم=karim طارق=tarek حسام=hossam زياد=ziad شريف=sherif",
        "النجار=elnaggar الشاذلي=elshazly فوزي=fawzy منصور=mansour "
        "الصاوي=elsawy رمزي=ramzy عبد_الله=abdallah",
        ("يفضل المساء، بعد الساعة ٧", "الاتصال قبل الموعد بيوم"),
    ),
    "India": Country(
        50, "हिन्दी",
        "प्रिया=priya अनन्या=ananya मीनाक्षी=meenakshi कावेरी=kaveri स्मृति=smriti ज्योति=jyoti",
        "अर्जुन=arjun विक्रम=vikram ऋषि=rishi देवेन्द्र=devendra कृष्ण=krishna सिद्धार्थ=siddharth",
        "शर्मा=sharma वर्मा=verma चतुर्वेदी=chaturvedi मिश्रा=mishra "
        "श्रीवास्तव=srivastava ठाकुर=thakur जोशी=joshi",
        ("सुबह का समय पसंद है 🙏", "हिन्दी या English, दोनों ठीक"),
    ),
    "Japan": Country(
        50, "日本語",
        "花子=hanako さくら=sakura 美咲=misaki 陽菜=hina 千尋=chihiro 小百合=sayuri",
        "太郎=taro 健太=kenta 翔=sho 一郎=ichiro 悠真=yuma 蓮=ren",
        "佐々木=sasaki 渡邉=watanabe 髙橋=takahashi "
        "小林=kobayashi 𠮷田=yoshida 山﨑=yamazaki 東海林=shoji",
        ("午前中を希望、電話は不可", "静かな席「窓側」🌸"),
    ),
    "Brazil": Country(
        50, "Português",
        "Conceição Luíza Thaís Antônia Graça Jussara",
        "João Antônio Túlio Estêvão Caíque Otávio",
        "Gonçalves Assunção Magalhães dos_Anjos Simões Brandão Falcão Paixão",
        ("Prefere manhãs, às 9h", "Ligar só à tarde 😊"),
    ),
}  # fmt: skip

GENERAL_NOTES = (
    "👩‍👩‍👧‍👦 family booking, four people",
    'Quote of the day: ""carpe diem"", twice',
    "Line one\nLine two, with a comma\n\nLine four",
    "<b>not bold</b> & not an entity",
    "=1+1",
    "Cafe\u0301 with a combining accent",
    "100 % satisfied; referred by a friend",
    "🇪🇺 newsletter: yes",
)

WRONG = {
    61: ("", "mrs", "Giulia", "Ferraris", "giulia.ferraris@example.com",
         "", "1979-04-02", "", "silver", "Italiano"),
    203: ("crm-0117", "mr", "Pieter", "van Dijk", "pieter@example.org",
          "", "1988-11-30", "", "gold", "Nederlands"),
    347: ("crm-9003", "mrs", "Saoirse", "Byrne", "saoirse.byrne(at)example.com",
          "", "1991-06-16", "", "", "Gaeilge"),
    498: ("crm-9004", "mr", "Rui", "Fonseca", "rui@example.com, rui@example.org",
          "", "", "", "bronze", "Português"),
    655: ("crm-9005", "mrs", "Liina", "Tamm", "liina.tamm@example.net",
          "+372 1", "1970-01-01", "", "bronze", "Eesti"),
    772: ("crm-9006", "mr", "Jón", "Þórsson", "jon@example.com", "030 23125 012",
          "1984-07-19", "", "", "Íslenska"),
    940: ("crm-9007", "mrs", "Ana", "Horvat", "ana.horvat@example.org",
          "", "1987-02-31", "", "silver", "Hrvatski"),
    1111: ("crm-9008", "mr", "Mihai", "Ionescu", "n/a", "n/a", "31.12.1979", "", "gold", "Română"),
}  # fmt: skip
"""Rows that are wrong, by their number in the file: no key, a key used before, no email address,
two of them, a phone that cannot be, a phone without its country, 31 February, and several things at
once.
"""


class Dice:
    """Chance by a seed.

    Only `random.Random.random` gives the same numbers in every Python, so all is made of that.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - for invented people

    def below(self, limit: int) -> int:
        """Give a whole number from 0, less than ``limit``."""
        return int(self._random.random() * limit)

    def one_of(self, items: Sequence[T]) -> T:
        """Pick one."""
        return items[self.below(len(items))]

    def in_percent(self, chance: int) -> bool:
        """Say yes in so many cases of a hundred."""
        return self.below(100) < chance

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Put items in a random order."""
        return [
            item
            for _, _, item in sorted(
                (self._random.random(), index, item) for index, item in enumerate(items)
            )
        ]


def rows() -> Iterator[tuple[str, ...]]:
    """Give all rows, the wrong ones in their places."""
    dice = Dice(SEED)
    people = iter(
        dice.shuffled(
            [person for country in COUNTRIES.values() for person in _people(dice, country)]
        )
    )
    for number in range(1, sum(country.people for country in COUNTRIES.values()) + len(WRONG) + 1):
        right = number - sum(place <= number for place in WRONG)
        yield WRONG[number] if number in WRONG else (f"crm-{right:04}", *next(people))


def _people(dice: Dice, country: Country) -> Iterator[tuple[str, ...]]:
    used: set[tuple[str, str]] = set()
    while len(used) < country.people:
        woman = dice.in_percent(50)
        first_name = dice.one_of((country.women if woman else country.men).split())
        last_name = dice.one_of(country.last_names.split())
        if (first_name, last_name) not in used:
            used.add((first_name, last_name))
            yield _person(dice, country, first_name, last_name, "mrs" if woman else "mr")


def _person(
    dice: Dice, country: Country, first_name: str, last_name: str, salutation: str
) -> tuple[str, ...]:
    return (
        salutation if dice.in_percent(85) else "",
        _name(first_name),
        _name(last_name),
        f"{_ascii(first_name)}.{_ascii(last_name)}@{dice.one_of(DOMAINS)}"
        if dice.in_percent(90)
        else "",
        _phone(dice, country) if dice.in_percent(80) else "",
        _birthday(dice) if dice.in_percent(75) else "",
        _notes(dice, country),
        dice.one_of(TIERS),
        country.language if dice.in_percent(90) else "",
    )


def _name(word: str) -> str:
    return word.partition("=")[0].replace("_", " ")


def _ascii(word: str) -> str:
    """Spell a name as in an email address."""
    name, _, spelled = word.partition("=")
    letters = str.maketrans({"ß": "ss", "ł": "l", "Ł": "l", "ı": "i", "ø": "o"})
    plain = (
        unicodedata.normalize("NFKD", (spelled or name).translate(letters))
        .encode("ascii", "ignore")
        .decode()
    )
    return re.sub(r"[^a-z-]", "", plain.lower())


def _phone(dice: Dice, country: Country) -> str:
    return (
        re.sub("x", lambda _: str(dice.below(10)), dice.one_of(country.phones))
        if country.phones
        else ""
    )


def _birthday(dice: Dice) -> str:
    return (datetime.date(1936, 1, 1) + datetime.timedelta(days=dice.below(26_000))).isoformat()


def _notes(dice: Dice, country: Country) -> str:
    if dice.in_percent(55):
        return ""
    return dice.one_of(country.notes if dice.in_percent(60) else GENERAL_NOTES)


def csv_bytes() -> bytes:
    """Give the whole file: UTF-8 without a byte order mark, lines ending in LF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows())
    return text.getvalue().encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(csv_bytes())
