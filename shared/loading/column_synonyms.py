"""What exports call the canonical columns: English, German, Turkish, French, Spanish, Russian.

Lower case, letters and digits only, as `column_names.letters` writes them; the likeliest first. A
name that ends or begins with a word for number (no, nr, id, code) stands for all of these.
"""

_WORDS: dict[str, str] = {
    "customer_id": (
        "customerid customer custid customernumber clientid client memberid membernumber userid "
        "user customerno customernr custno memberno clientno accountid musterino musteriid musteri "
        "kundennummer kundennr kundenid kunde debitorennummer debitor clientenumero cliente "
        "buyerid buyer kaufernummer id клиент idклиента idпокупателя покупатель"
    ),
    "order_id": (
        "orderid order invoice invoiceno invoiceid transactionid ordernumber orderno invoicenumber "
        "receiptno basketid receiptid siparisno siparis faturano fisno bestellnummer bestellung "
        "auftragsnummer auftrag rechnungsnummer rechnung belegnummer beleg bonnummer bon "
        "commandeno commande factureno facture ticketno pedidono pedido facturano factura заказ "
        "номерзаказа idзаказа чек номерчека"
    ),
    "order_date": (
        "orderdate invoicedate date transactiondate purchasedate orderdatetime saledate orderedat "
        "createdat datetime tarih siparistarihi faturatarihi satistarihi bestelldatum "
        "auftragsdatum rechnungsdatum belegdatum kaufdatum verkaufsdatum buchungsdatum datum "
        "datecommande datefacture datevente dateachat fechapedido fechafactura fechaventa "
        "fechacompra fecha датазаказа датапродажи датапокупки дата"
    ),
    "product_id": (
        "productid product stockcode sku item itemid itemdescription articleid article productcode "
        "itemcode productno clothingid urunkodu urun stokkodu artikelnummer artikelnr "
        "produktnummer materialnummer ean gtin referencearticle produitno produit articulono "
        "articulo productono producto товар кодтовара артикул artikel"
    ),
    "product_name": (
        "productname description itemname title urunadi bezeichnung artikelbezeichnung artikelname "
        "produktname designation libelle nomproduit descripcion nombreproducto наименование "
        "названиетовара item product article artikel urun produit producto товар"
    ),
    "category": (
        "category subcategory productcategory productgroup itemgroup kategori urungrubu kategorie "
        "warengruppe artikelgruppe produktgruppe categorie famille categoria familia категория "
        "группатоваров group"
    ),
    "channel": "channel source medium kanal quelle herkunft kaynak canal origen канал источник",
    "campaign": "campaign campaignname utmcampaign kampanya kampagne campagne campana кампания",
    "country": "country ulke land lieferland pays pais страна",
    "quantity": (
        "quantity qty units adet miktar menge anzahl stuckzahl stuck quantite qte cantidad "
        "unidades количество колво"
    ),
    "unit_price": (
        "unitprice price itemprice sellingprice saleprice birimfiyat fiyat satisfiyati einzelpreis "
        "stuckpreis vkpreis verkaufspreis preis prixunitaire prix preciounitario precio "
        "ценазаединицу цена"
    ),
    "line_value": (
        "linevalue linetotal lineamount netamount netsales totalprice extendedprice amount sales "
        "total revenue dollars satirtutari toplamtutar tutar positionswert positionsbetrag "
        "zeilenbetrag nettobetrag nettoumsatz gesamtpreis betrag umsatz gesamt bruttobetrag netto "
        "net montantligne montant importe monto выручка "
        "стоимость сумма"
    ),
    "discount": "discountamount rabattbetrag indirimtutari montantremise importedescuento",
    "unit_cost": (
        "unitcost cost maliyet birimmaliyet costprice purchaseprice einkaufspreis ekpreis "
        "einstandspreis prixachat coutunitaire costeunitario себестоимость"
    ),
    "joined_on": (
        "joinedon dtcustomer signupdate createdon registeredon registrationdate customersince "
        "since kundeseit registriertam anmeldedatum kayittarihi dateinscription clientdepuis "
        "fechaalta fecharegistro датарегистрации"
    ),
    "birth_year": (
        "birthyear yearbirth birth geburtsjahr dogumyili anneenaissance anonacimiento годрождения"
    ),
    "gender": "gender sex cinsiyet geschlecht sexe sexo пол",
    "city": "city sehir stadt wohnort ort ville ciudad город",
    "stock": "stock onhand stok lagerbestand bestand existencias остаток",
    "session_id": (
        "sessionid session visitid sitzungsid sitzung besuchsid oturumid oturum visiteid visite "
        "sesionid sesion visita сессия idвизита визит"
    ),
    "started_at": (
        "startedat sessionstart timestamp starttime startzeit zeitstempel beginn start baslangic "
        "debut inicio начало"
    ),
    "pages": (
        "pages pageviews pagesviewed seiten seitenaufrufe sayfa sayfalar pagesvues paginas "
        "paginasvistas страницы страниц"
    ),
    "duration_seconds": "durationseconds duration dauer dauersekunden sure duree duracion",
    "product_views": (
        "productviews produktansichten artikelansichten urungoruntuleme produitsvus "
        "productosvistos просмотрытоваров"
    ),
    "cart_adds": (
        "cartadds addtocart addstocart warenkorb sepet sepeteekleme panier ajoutspanier carrito "
        "корзина"
    ),
    "review_id": (
        "reviewid bewertungsid rezensionsid yorumid avisid resenaid opinionid idотзыва id"
    ),
    "written_at": (
        "writtenat reviewdate date bewertungsdatum datum yorumtarihi tarih dateavis fecha "
        "датаотзыва дата"
    ),
    "text": (
        "text reviewtext review comment body bewertungstext rezension kommentar yorum yorummetni "
        "commentaire avis texteavis comentario resena opinion отзыв текстотзыва комментарий текст"
    ),
    "rating": (
        "rating stars score sterne bewertung puan yildiz etoiles note estrellas puntuacion "
        "calificacion оценка рейтинг"
    ),
    "language": "language lang dil sprache langue idioma язык",
}
SYNONYMS: dict[str, tuple[str, ...]] = {
    name: tuple(words.split()) for name, words in _WORDS.items()
}
