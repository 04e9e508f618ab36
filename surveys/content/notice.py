"""What everybody agrees to before answering: who sees what, until when, and what is not defended.

Plain data in both languages; it is filled in from the settings and frozen with the wave.
"""

from typing import Final

_JA: Final = """\
締切までは「秘密」、締切のあとは「匿名」です。
・回答は、一人分ずつ暗号で封をして保存します。名前、日時、端末の情報は、回答といっしょに残しません。
・誰が回答したかの記録は作りません。DX推進室に見えるのは、部署ごとのおおよその回答率だけです。
・締切までは、答え直しができるように、回答と本人のつながりを鍵で守っています。\
鍵はデータベースの外に置き、集計のときに破棄します。そのあとは、誰にも一人ひとりの回答は分かりません。
・締切は{closes}です。延ばしたときは、延ばした締切までつながりが残ります。
・{k}人に満たないまとまりの集計は、誰にも見せません。小さな部署はまとめて数えます。\
管理職は、課ではなく部の「管理職」として数えます。
・自由記述の原文を読むのは、決められた2人までです。部の名前が付くのは、その部から{k_text}件以上あるときだけです。\
所属長は原文を読みません。お知らせに載せるのは書き直した文だけで、原文は90日以内に消します。
・集計のときに消すもの：一人分ずつの回答、書きかけの回答、対象者の名簿、鍵。
・防げないこと：締切までの間に、サーバーの管理者権限を持つ人が、鍵と回答の両方を読むこと。\
締切までの間にサーバーを丸ごと複製すると、鍵のフォルダーも入るため、その複製からは締切後も読めるおそれがあります。
"""
_EN: Final = """\
Confidential until the deadline, anonymous after it.
- Each person's answers are kept sealed by encryption, without name, time or device.
- Nobody keeps a record of who has answered. The DX office sees rough shares per department only.
- Until the deadline a key keeps the tie between you and your answers, so that you can change \
them. The key lies outside the database and is destroyed when the answers are counted. After that \
nobody can tell who answered what.
- The deadline is {closes}. If it is extended, the tie lasts until the new deadline.
- Figures of fewer than {k} people are shown to nobody. Small departments are counted together. \
Heads are counted as the heads of their bureau, not in their section.
- At most two named readers read free texts as written. A bureau's name stands beside them only if \
{k_text} or more came from it. Heads never read them. Only reworded texts are published, and the \
original is deleted within 90 days.
- Deleted when counting: each person's answers, drafts, the list of those asked, the key.
- Not defended: before the deadline, somebody with administrator rights on the server can read \
both key and answers. A copy of the whole machine made before the deadline contains the key folder \
and may stay readable after it.
"""


def notice(*, closes: str, k: int, k_text: int) -> tuple[str, str]:
    """The notice in Japanese and English."""
    values = {"closes": closes, "k": k, "k_text": k_text}
    return _JA.format(**values), _EN.format(**values)
