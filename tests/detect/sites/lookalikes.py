"""Hosts that are made to be taken for somebody's, with the brand; and honest hosts that look like them.

None of the first lives: `.example` is registered to nobody.
"""

IMITATE = """
icbc-login.example ICBC
icbc.vip8866.example ICBC
login.icbc.com.cn.a8s7d.example ICBC
www-icbc-com-cn.example ICBC
1cbc.example ICBC
lcbc-bank.example ICBC
icbcvip.example ICBC
95588jifen.example ICBC
gongshangyinhang.example ICBC
gongshang-yinhang.example ICBC
gonghang-jifen.example ICBC
xn--ibc-4ed.example ICBC
xn--b-6tbb5f.example ICBC
іcbc-card.example ICBC
ｉｃｂｃ－login.example ICBC
工商银行.example ICBC
xn--czr93rq40bruk.example ICBC
工行登录.example ICBC
ccb-jifen.example CCB
jianshe-jifen.example CCB
jiansheyinhang-kefu.example CCB
jiansheyinhan.example CCB
jianhang95533.example CCB
95533-duihuan.example CCB
abchina-bank.example ABC
abch1na.example ABC
abchlna-login.example ABC
nonghang-xinyongka.example ABC
95599vip.example ABC
bankofchlna.example Bank of China
bankofchina-secure.example Bank of China
bankofchinna.example Bank of China
zhonghang-denglu.example Bank of China
boc-credit.example Bank of China
b0c-credit.example Bank of China
bankcomm-jf.example BOCOM
jiaotongyinhang.example BOCOM
jiaohang-tisheng.example BOCOM
cmbchina-95555.example CMB
crnbchina.example CMB
cmbchlna.example CMB
zhaoshang-jifen.example CMB
zhaoshangyinhang.example CMB
zhaohang-card.example CMB
psbc-online.example PSBC
psbcbank.example PSBC
spdb-card.example SPDB
minsheng-daikuan.example CMBC
pinganyinhang-app.example Ping An
pingan-loan.example Ping An
p1ngan-login.example Ping An
guangfa-tuikuan.example CGB
citicbank-update.example CITIC
unionpay-refund.example UnionPay
myunionpaysafe.example UnionPay
uni0npay.example UnionPay
unlonpay-etc.example UnionPay
95516-verify.example UnionPay
yinlian-renzheng.example UnionPay
yunshanfu-shouhou.example UnionPay
zhengxin-xiufu.example People's Bank of China
yanghangzhengxin.example People's Bank of China
zhengxin-chaxun.example People's Bank of China
nongxin-yinhang.example Rural credit
bankofnanjing-wap.example Bank of Nanjing
alipay-tuikuan.example Alipay
a1ipay.example Alipay
aiipay.example Alipay
alipya.example Alipay
ali-pay.example Alipay
zhifubao-kefu.example Alipay
zhifubaoguanjia.example Alipay
zhlfubao.example Alipay
xn--aliay-xye.example Alipay
alipay.com.shouyintai.example Alipay
wechat-verify.example WeChat
vvechat.example WeChat
weixin-jiedong.example WeChat
weixin110-jiefeng.example WeChat
10086-jifen.example China Mobile
l0086.example China Mobile
1oo86-jf.example China Mobile
10086.cn.huodong9.example China Mobile
yidong-jifen.example China Mobile
zhongguoyidong-huafei.example China Mobile
cmcc-points.example China Mobile
chinamobi1e.example China Mobile
chlnamobile.example China Mobile
10010-huafei.example China Unicom
liantong-duihuan.example China Unicom
chinaunlcom.example China Unicom
dianxin-jifen.example China Telecom
chinatelecorn.example China Telecom
189cn-login.example China Telecom
sf-express-track.example SF Express
sfexpress-lipei.example SF Express
shunfeng-kuaidi.example SF Express
shunfengkuaidi-lipei.example SF Express
shunfeng-lipei.example SF Express
zhongtong-peifu.example ZTO
yuantongkuaidi.example YTO
yto-kuaidi.example YTO
shentong-tuikuan.example STO
yundakuaidi-kefu.example Yunda
jitukuaidi-lipei.example J&T Express
youzheng-kuaidi.example China Post
chinapost-redelivery.example China Post
ems-parcel.example China Post
fayuan-chaxun.example Court
fayuan-dongjie.example Court
renminfayuan.example Court
jianchayuan-tongzhi.example Procuratorate
gongan-dongjie.example Police
gonganju-anquan.example Police
wangjing-anquan.example Police
jingcha-chaxun.example Police
fanzha-renzheng.example Anti-fraud centre
96110-verify.example Anti-fraud centre
12123-jiaofei.example Traffic police
weizhang-chaxun.example Traffic police
shuiwu-tuishui.example Tax
geshui-tuishui.example Tax
chinatax-refund.example Tax
shebao-renzheng.example Social security
12333-butie.example Social security
yibao-jihuo.example Medical insurance
etc-renzheng.example ETC
etc-yanzheng.example ETC
chinaetc-verify.example ETC
12306-tuikuan.example Railway 12306
airchina-tuikuan.example Air China
csair-refund.example China Southern
donghang-peichang.example China Eastern
taobao-kefu.example Taobao
taoba0.example Taobao
ta0bao-shop.example Taobao
xn.taobaao.example Taobao
tao-bao.example Taobao
jd-baitiao-zhuxiao.example JD
jingdong-jinrong.example JD
jd.com.kefu01.example JD
pinduoduo-tuikuan.example Pinduoduo
pindouduo.example Pinduoduo
douyin-shouhou.example Douyin
d0uyin-kefu.example Douyin
meituan-daikuan.example Meituan
rneituan.example Meituan
jiebei-zhuxiao.example Jiebei
huabei-zhuxiao.example Jiebei
duxiaoman-kefu.example Du Xiaoman
eastmoney-vip.example East Money
dongfangcaifu-app.example East Money
tonghuashun-kaihu.example 10jqka
guotaijunan-vip.example GTJA
huatai-zhengquan.example Huatai
b1nance.example Binance
huobi-app.example Huobi
paypa1.example PayPal
xn--80ak6aa92e.example Apple
app1e.example Apple
apple-id-verify.example Apple
arnazon.example Amazon
amazon.co.jp.xkqwz.example Amazon
micros0ft-login.example Microsoft
bybit-login.example Bybit
login-bitget.example Bitget
kucoin-app.example KuCoin
kucoln.example KuCoin
kraken-wallet.example Kraken
wallet-uphold.example Uphold
gateio-login.example Gate
myetherwalllet.example MyEtherWallet
trustwallet-app.example Trust Wallet
tronlink-wallet.example TronLink
uniswap-claim.example Uniswap
opensea-claim.example OpenSea
metatrader5-download.example MetaTrader
plus500-vip.example Plus500
bitflyer-account.example bitFlyer
shopee-vip.example Shopee
aliexpress-refund.example AliExpress
royalmail-redelivery.example Royal Mail
auspost-track.example Australia Post
dpd-parcel.example DPD
bbva-verify.example BBVA
creditagricole-secure.example Crédit Agricole
ocbc-secure.example OCBC
revolut-verify.example Revolut
mercadopago-premio.example Mercado Pago
vodafone-bill.example Vodafone
spotify-payment.example Spotify
twitch-claim.example Twitch
rackspace-login.example Rackspace
booking.com.pr20431.example Booking.com
"""

HONEST = """
icbc.com.cn
mybank.icbc.com.cn
m.taobao.com
www.boc.cn
ebank.ccb.com
mobile.abchina.com
creditcard.cmbchina.com
pbsz.ebank.cmbchina.com
10086.cn
shop.10086.cn
wap.gd.10086.cn
www.sf-express.com
shebao.dg.gov.cn
shuiwu.qingyuan.gov.cn
fayuan.sz.gov.cn
gongan.gd.gov.cn
12123.gd.gov.cn
icbc.sysu.edu.cn
weixin.hospital.example.cn
wechat.school.example.cn
alipay.shop.example.cn
wx.shop.example.cn
unionpay.shop.example.cn
google.school.example.cn
apple.dealer.example.com
12306.travel.example.com
autodesk.com
musicloud.com
publicloud.com
medicloud.com.cn
pineapple.com
snapple.com
applebees.com
applefarm.com
purchase.com
chasecorp.com
abcnews.com
abc.net.au
abcteach.com
bocgases.com
bocage.fr
bocaraton.com
ccbiblecollege.com
cmbinfo.com
sfgate.com
sfmoma.org
jdsports.com
jdpower.com
upsolar.com
dhlawyers.com
emsworth.co.uk
etching.com
citizen.com
citibike.com
chinadaily.com.cn
chinahr.com
chinaz.com
chinamusic.example.cn
hairchina.com
repairchina.com
beijingdongfang.com
jingdongfang.com
dongfanghong.com
yidongdianyuan.com
yidongyiliao.example.cn
jianshegongcheng.com
jianshebu.example.cn
gongshangxueyuan.com
gongshangguanli.com
nongyejixie.com
nongyezhan.com
jiaotongdaxue.com
zhaoshangyinzi.com
zhaoshangwang.com
zhonghangkong.com
shunfengche.com
yuantongjituan.com
zhongtongbus.com
shentongditie.com
yundadianzi.com
jituangongsi.com
youzhengpinpai.com
minshengzhoukan.com
guangdalushi.com
pinganye.com
pingankang.com
huaxiaxuetang.com
xingyetaiyangneng.com
weixing.com
weixingtv.com
weixindianti.com
xiaomian.com
xiaomifeng.com
taikangxian.com
xianyuji.com
cainiaojiaocheng.com
suningda.com
huaweilou.com
liantongqi.com
dianxinshebei.com
unicomputer.com
yibaoshi.com
shebaotang.com
haiguanlou.com
guohangye.com
nanhangjian.com
fayuansi.com
gonganlu.com
tuning.com
goggles.com
googol.com
tencel.com
alipan.com
amazonas.com
amazonia.org
yahooligans.com
thetelegram.com
dailytelegraph.com.au
visaforchina.cn
meitan.com
taobei.com
doyin.example.com
paypoint.com
payroll.com
steamboat.com
discordant.com
adobehomes.com
outlookindia.com
ledgerdata.com
nomurakougei.co.jp
yamato-gokoro.jp
sagawa-artmuseum.or.jp
saisonfoundation.or.jp
chaseacademy.edu
jcbtoys.com
hsbcad.org.cn
orico.cc
qqmail-notes.github.io
360doc.com
58.com
163.com
51job.com
95306.cn
12345678.com
2144.cn
4399.com
opensearch.example
openseason.example
switch.example
revolution.example
babybites.example
publicmarkets.example
complexness.example
robinhood-pub.example
krakenrum.example
singpostal.example
electronlinks.example
joandavid.example
etoronto.example
openairport.example
gemini-astrology.example
upholdlaw.example
blockchain-journal.example
kakaobakery.example
dbschool.example
safepalace.example
orbitget.example
gateiot.example
bookingcomfort.example
evrika.example
dpdesign.example
verizon.net
walmart.com.br
capitalone360.com
"""


def imitating() -> list[tuple[str, str]]:
    """Each host with the English name of the brand."""
    return [
        (host, brand) for host, _, brand in (line.partition(" ") for line in IMITATE.strip().splitlines())
    ]


def honest() -> list[str]:
    """The honest hosts."""
    return HONEST.split()
