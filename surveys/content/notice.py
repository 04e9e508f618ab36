"""What everybody agrees to before answering: who sees what, until when, and what is not defended.

Plain data in both languages; the lines follow from the settings and are frozen with the wave. Each
line is a promise that `actions/closing`, `voices` and `actions/reading` keep: change them together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

#: One line in Japanese and English.
Line = tuple[str, str]
#: A reader alone cannot publish a wording: another one has to approve it.
READERS_WHO_PUBLISH: Final = 2


@dataclass(frozen=True, slots=True)
class _Settings:
    """What the lines depend on."""

    closes: str
    k: int
    k_text: int
    heads: bool
    two_person: bool
    readers: Sequence[str]
    tickets: bool
    has_text: bool
    repeats: bool


def notice(
    *,
    closes: str,
    k: int,
    k_text: int,
    heads: bool = False,
    two_person: bool = False,
    readers: Sequence[str] = (),
    tickets: bool = False,
    has_text: bool = True,
    repeats: bool = False,
) -> tuple[str, str]:
    """The notice in Japanese and English: paragraphs, each with a heading and its lines.

    `readers` are the names of those who may read free texts as written; without one nobody reads
    them. `tickets`: some answer with a printed number. `repeats`: it is asked every month.
    """
    settings = _Settings(
        closes, k, k_text, heads, two_person, tuple(readers), tickets, has_text, repeats
    )
    japanese, english = [], []
    for heading, lines in _paragraphs(settings):
        told = list(lines)
        japanese.append("\n".join([heading[0], *(f"・{ja}" for ja, _en in told)]))
        english.append("\n".join([heading[1], *(f"- {en}" for _ja, en in told)]))
    return "\n\n".join(japanese) + "\n", "\n\n".join(english) + "\n"


def _paragraphs(s: _Settings) -> Iterator[tuple[Line, Iterator[Line]]]:
    until = "集計" if s.two_person else "締切"
    yield (
        (
            f"{until}までは「秘密」、{until}のあとは「匿名」です。",
            "Confidential until the answers are counted, anonymous after that."
            if s.two_person
            else "Confidential until the deadline, anonymous after it.",
        ),
        iter(()),
    )
    yield ("【答えるとき】", "When you answer"), _answering(s)
    yield ("【締切と鍵】", "Deadline and key"), _key(s)
    yield ("【結果の見せ方】", "What the results show"), _results(s)
    if s.has_text:
        yield ("【自由記述】", "Free text"), _texts(s)
    yield ("【集計のときに消すもの】", "Deleted when counting"), _deleted(s)
    yield ("【防げないこと】", "Not defended"), _not_defended(s)


def _answering(s: _Settings) -> Iterator[Line]:
    yield (
        "回答は、一人分ずつ暗号で封をして保存します。名前、日時、端末の情報は、いっしょに残しません。",
        "Each person's answers are kept sealed by encryption, without name, time or device.",
    )
    yield (
        "誰が回答したかの記録は作りません。DX推進室に見えるのは、部署ごとのおおよその回答率だけです。",
        "Nobody keeps a record of who has answered. The DX office sees rough shares per department"
        " only.",
    )
    if s.tickets:
        yield (
            "紙で配る番号は、一度だけ印刷し、1人分だけ数えます。誰に渡したかは記録しません。",
            "A number on paper is printed once and counts once. Nobody records who got which one.",
        )
        yield (
            "紙に書いて入力を頼むと、入力する人には回答が見えます。",
            "If you write on paper and somebody enters it for you, that person sees your answers.",
        )
    if s.repeats:
        yield (
            "毎月聞きます。鍵は回ごとに変えるので、ほかの回の回答とはつながりません。",
            "It is asked every month. Each round has a key of its own, so your answers in two"
            " rounds cannot be brought together.",
        )


def _key(s: _Settings) -> Iterator[Line]:
    yield (
        f"締切は{s.closes}です。延ばしたときは、延ばした締切が新しい締切です。",
        f"The deadline is {s.closes}. If it is extended, the later one counts.",
    )
    yield (
        "答え直しができるように、回答と本人のつながりを鍵で守ります。鍵はデータベースの外に置きます。",
        "So that you can change your answers, a key keeps the tie between you and them. It lies"
        " outside the database.",
    )
    if s.two_person:
        yield (
            "締切のあと、2人がそれぞれ認めてから集計します。鍵とつながりは、そのときまで残ります。",
            "After the deadline two people each have to agree before the answers are counted. Key"
            " and tie stay until then.",
        )
    else:
        yield (
            "締切のあと、自動で集計します。つながりは、そのときまで残ります。",
            "After the deadline the answers are counted by themselves. The tie stays until then.",
        )
    yield (
        "集計が済むと鍵を破棄します。そのあとは、誰にも一人ひとりの回答は分かりません。",
        "Once they are counted the key is destroyed. After that nobody can tell who answered what.",
    )


def _results(s: _Settings) -> Iterator[Line]:
    yield (
        f"{s.k}人に満たないまとまりの集計は、誰にも見せません。",
        f"Figures of groups of fewer than {s.k} people are shown to nobody.",
    )
    if s.heads:
        yield (
            "所属長の回答は、課ではなく部ごとに数えます。",
            "Heads are counted per bureau, not per section.",
        )
        yield (
            f"職員の回答と部ごとに並べるのは、所属長{s.k}人以上が答えた部だけです。",
            f"They stand beside the staff's answers of a bureau only where {s.k} or more heads of"
            " it answered.",
        )
        return
    yield (
        "小さな部署はまとめて数えます。所属長は、課ではなく部の「所属長」として数えます。",
        "Small departments are counted together. Heads are counted as the heads of their bureau,"
        " not in their section.",
    )


def _texts(s: _Settings) -> Iterator[Line]:
    if s.readers:
        yield (
            f"原文を画面で読めるのは、{'と'.join(s.readers)}だけです。ほかの人は、所属長も読めません。"
            "いつ開いたかは記録します。",
            f"Only {' and '.join(s.readers)} can open texts as written; nobody else, no head"
            " either. Each time they do is recorded.",
        )
        yield (
            f"部の名前が付くのは、その部から{s.k_text}件以上あるときだけです。",
            f"A bureau's name stands beside them only if {s.k_text} or more came from it.",
        )
    else:
        yield (
            "原文は、誰の画面にも出ません。読む人を決めていないためです。",
            "Texts as written are on nobody's screen: no reader is named.",
        )
    if len(s.readers) >= READERS_WHO_PUBLISH:
        yield (
            "お知らせに載せるのは、1人が書き直し、もう1人が認めた文だけです。",
            "Published is only what one of them reworded and the other approved.",
        )
    else:
        yield (
            "お知らせに載せるのはテーマの言葉だけです。文章は載せません。",
            "Published are only the words of themes, no sentences.",
        )
    yield (
        "原文は、集計から90日以内に消します。",
        "Texts as written are deleted within 90 days of counting.",
    )


def _deleted(s: _Settings) -> Iterator[Line]:
    yield (
        "一人分ずつの回答、書きかけの回答、対象者の名簿、鍵"
        + ("、紙の番号の照合に使う値" if s.tickets else ""),
        "Each person's answers, drafts, the list of those asked, the key"
        + (", what the numbers on paper are checked against" if s.tickets else ""),
    )


def _not_defended(s: _Settings) -> Iterator[Line]:
    yield (
        "集計までの間に、サーバーの管理者権限を持つ人が、鍵と回答の両方を読むこと。",
        "Before the answers are counted, somebody with administrator rights on the server can read"
        " both key and answers.",
    )
    yield (
        "集計までの間にサーバーを丸ごと複製すると、鍵のフォルダーも入ります。"
        "その複製からは、あとでも読めるおそれがあります。",
        "A copy of the whole machine made before that contains the key folder and may stay"
        " readable afterwards.",
    )
    if s.has_text:
        yield (
            "自由記述の原文は、消すまでの間、サーバーの管理者権限を持つ人が読めます。"
            "誰の文かは残っていませんが、書き方から分かることがあります。",
            "Until they are deleted, somebody with administrator rights on the server can read"
            " texts as written. Who wrote them is not kept, but a manner of writing may tell.",
        )
