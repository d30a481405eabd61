"""Own sentences with a target and the label a reader would give; written before the scorer's answers were seen.

A mark [target] names the mention scored, {other} other targets. Labels: + positive, - negative, 0 neutral. The lists
below hold the rules; the 200 sentences a language in `checklist_en.txt` and `checklist_nl.txt` hold every scorer.
"""

import re
from pathlib import Path

from service.sentiment.scorer import Label, MentionContext

MARK = re.compile(r"\[([^\]]+)\]|\{([^}]+)\}")
LABELS = {"+": Label.POSITIVE, "-": Label.NEGATIVE, "0": Label.NEUTRAL}

ENGLISH = """
- [Bitcoin] plunges 12% after ETF outflows
+ [BTC] soars to record high
- {Exchange} hack drains $1.5 billion from [Bybit]
+ {SEC} drops lawsuit against [Coinbase]
- {SEC} sues [Binance], alleging fraud
0 [SEC] sues {Binance} over unregistered tokens
- {Trump} slams [Powell] for keeping rates high
+ {Judge} clears [Ripple] in long-running case
- [Bitcoin] loses ground to {Ether}
+ {Bitcoin} loses ground to [Ether]
+ {Trump} praises [Bitcoin] while attacking {Bukele}
- {Trump} praises {Bitcoin} while attacking [Bukele]
- [Binance] was sued by the {SEC} on Monday
+ [Solana] rallies as {Ether} slips
- {Solana} rallies as [Ether] slips
- [Tether] faces criminal probe in New York
+ [El Salvador] adds 12 coins to its reserve as prices rise
0 [The Fed] meets on Wednesday to discuss rates
0 [Powell] said inflation would remain elevated
+ Voters reelected [Bukele] in a landslide
- Rights groups accuse [Bukele] of jailing thousands without trial
+ [Coinbase] beats estimates as trading volume surges
- [Coinbase] misses estimates and cuts its outlook
- {Moody's} downgrades [MicroStrategy] to junk
+ {JPMorgan} upgrades [Coinbase] to overweight
- [FTX] collapsed into bankruptcy after customers fled
- [Celsius] halts withdrawals
+ [Kraken] wins approval to operate in the Netherlands
- {Regulator} rejects [Kraken]'s application
+ {The Senate} approves [stablecoin] bill
- {China} bans [Bitcoin] mining again
+ {China} lifts ban on [Bitcoin] mining
- [Terra] crashes to zero
+ [Bitcoin] shrugs off recession fears
+ Inflation falls, lifting [Bitcoin]
0 [Ethereum] developers schedule next upgrade for March
- Hackers stole $600 million from [Poly Network]
+ {BlackRock} embraces [Bitcoin]
- {Warren Buffett} calls [Bitcoin] rat poison and worthless
- {Lawmakers} blast [Gensler] over crypto crackdown
+ {Lawmakers} applaud [Gensler] for protecting investors
- [Sam Bankman-Fried] convicted of fraud
+ [Changpeng Zhao] pardoned by {Trump}
- [Trump] indicted on felony charges
+ [Trump] wins Iowa caucuses by a wide margin
- Critics say [Trump] lied about the election
- [Milei] under fire over memecoin scandal
+ [Milei] hailed for taming inflation
0 According to [Goldman Sachs], Bitcoin may fall further
- [Bitcoin] fails to hold gains
+ [Bitcoin] recovers from last week's losses
- [Bitcoin] is no longer a safe haven, analysts warn
+ [Bitcoin] is not dead
- [Dogecoin] tumbles but {Shiba Inu} jumps
+ {Dogecoin} tumbles but [Shiba Inu] jumps
0 [Ripple] to present at conference in Singapore
+ [Cardano] overtakes {XRP} by market value
- {Cardano} overtakes [XRP] by market value
- {Treasury} imposes sanctions on [Tornado Cash]
+ {Court} overturns sanctions on [Tornado Cash]
- [Mt. Gox] creditors fear further delays
- {The ECB} warns of [Bitcoin] bubble
+ {Fidelity} bullish on [Bitcoin]
- {Peter Schiff} remains bearish on [Bitcoin]
+ Adoption of [Bitcoin] grows in Africa
+ ETF inflows push [Bitcoin] higher
- Selling pressure weighs on [Bitcoin]
- [Binance] fined $4.3 billion for money laundering
0 [Lagarde] spoke in Frankfurt on Tuesday
- {Warren} denounces [Coinbase] as reckless
"""

DUTCH = """
- [Bitcoin] keldert met 12 procent na uitstroom uit fondsen
+ [Bitcoin] stijgt naar recordhoogte
- Hackers stelen miljoenen bij [Bybit]
+ {SEC} laat aanklacht tegen [Coinbase] vallen
- {SEC} klaagt [Binance] aan wegens fraude
0 [SEC] klaagt {Binance} aan
- {Trump} haalt uit naar [Powell]
+ {Rechter} spreekt [Ripple] vrij
- [Bitcoin] verliest terrein aan {Ether}
+ {Bitcoin} verliest terrein aan [Ether]
+ {Trump} prijst [Bitcoin] maar bekritiseert {Bukele}
- {Trump} prijst {Bitcoin} maar bekritiseert [Bukele]
- [Binance] werd aangeklaagd door de {SEC}
+ [Solana] klimt terwijl {Ether} zakt
- {Solana} klimt terwijl [Ether] zakt
- Justitie begint strafzaak tegen [Tether]
0 [De Nederlandsche Bank] vergadert woensdag over de rente
0 [Knot] zegt dat de inflatie hoog blijft
+ [Bukele] herkozen met ruime meerderheid
- Mensenrechtenorganisaties beschuldigen [Bukele] van machtsmisbruik
+ [ASML] boekt meer winst dan verwacht
- [Philips] stelt beleggers teleur
- [ING] moet miljoenenboete betalen voor witwassen
+ [Bitvavo] krijgt vergunning van de toezichthouder
- {Toezichthouder} wijst aanvraag van [Bitvavo] af
- {Kabinet} wil [Bitcoin] verbieden
+ {China} heft verbod op [Bitcoin] op
- [Terra] stort in
- De koers van [Bitcoin] zakt verder weg
+ De koers van [Bitcoin] loopt op
- [Bitcoin] herstelt niet van de klap
- Nauwelijks herstel voor [Bitcoin]
+ Inflatie daalt, [beurs] veert op
+ [Wilders] wint de verkiezingen
- [Rutte] treedt af na kabinetscrisis
- Oppositie hekelt aanpak van [Yesilgöz]
+ Kamer looft inzet van [Hoekstra]
- [Wilders] veroordeeld voor groepsbelediging
+ Rechtbank: [Ripple] vrijgesproken
- Paniekverkoop drukt [Bitcoin]
+ Instroom in fondsen stuwt [Bitcoin] omhoog
- [Luna] in vrije val
- Crisis bij [FTX] loopt uit op faillissement
+ [Ether] haalt {Bitcoin} in
- {ECB} waarschuwt voor zeepbel rond [Bitcoin]
+ Vertrouwen in [Bitcoin] neemt toe
- Vertrouwen in [Bitcoin] neemt af
- Beleggers verliezen hun vertrouwen in [Tesla]
0 [Ethereum] krijgt in maart nieuwe versie
0 Volgens [Rabobank] kan de koers dalen
+ [Nederlandse economie] groeit harder dan verwacht
- [Duitse economie] krimpt opnieuw
+ Werkloosheid in [Spanje] daalt fors
- Werkloosheid in [Spanje] loopt op
+ Minder faillissementen in [Nederland]
- Geen groei voor [Nederland]
+ Daling van geweld in [El Salvador]
- Koersdaling [Bitcoin] zet door
- Verkoopgolf treft [Ether]
+ [Bitcoin] houdt stand ondanks onrust
- Bitcoinverbod dreigt in [India]
+ {Fidelity} omarmt [Bitcoin]
- [Trump] onder vuur om cryptomunt
- Omdat {Trump} [Powell] beledigde, daalde de dollar
0 [Lagarde] spreekt dinsdag in Frankfurt
+ Zorgen over [Griekenland] verdwijnen
- Zorgen over [Griekenland] nemen toe
- [Coinbase] schrapt duizend banen
"""


def read(lines: str, language: str) -> list[tuple[MentionContext, Label, str]]:
    """The contexts of a checklist with their labels; blank lines and those that begin with # say nothing."""
    rows = []
    for line in lines.splitlines():
        if not line or line.startswith("#"):
            continue
        label, marked = line[0], line[2:]
        text, span, others, done = "", (0, 0), [], 0
        for match in MARK.finditer(marked):
            text += marked[done : match.start()]
            place = (len(text), len(text) + len(match[1] or match[2]))
            text += match[1] or match[2]
            done = match.end()
            if match[1]:
                span = place
            else:
                others.append(place)
        text += marked[done:]
        rows.append((MentionContext(text, span, language, (), tuple(others)), LABELS[label], text))
    return rows


def load(language: str) -> list[tuple[MentionContext, Label, str]]:
    """The long checklist in `en` or `nl`."""
    return read(Path(__file__).with_name(f"checklist_{language}.txt").read_text("utf-8"), language)
