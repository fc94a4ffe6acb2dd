#!/usr/bin/perl
# A second verifier, written from docs/ledger.md alone, in another language and another way: it does not write a line
# anew and compare, it accepts only the one form that a line can have. Perl 5 with its core modules.
#   perl second_verifier.pl ledger.jsonl [checkpoint.json …]        exit code: 0 good, 1 bad, 2 unusable
use strict;
use warnings;
no warnings 'recursion';
use Digest::SHA qw(sha256 sha256_hex);
use Encode qw(decode FB_CROAK LEAVE_SRC);

my @STREAMS = qw(authority dispatch vendor);
my $UUID = qr/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
my $HEX = qr/[0-9a-f]{64}/;
my $COUNT = qr/(?:0|[1-9][0-9]{0,15})/;
my $STRING = qr/"((?:[^"\\\x00-\x1f]|\\["\\btnfr]|\\u00(?:0[0-7bef]|1[0-9a-f]))*)"/;
my %SHORT = (b => "\b", t => "\t", n => "\n", f => "\f", r => "\r");
my $line = 0;

sub bad { print "line $line: @_\n"; exit 1 }
sub unusable { print "@_\n"; exit 2 }

sub number { my $digits = $_[0] =~ s/^-//r; length $digits < 16 || $digits le "9007199254740991" or bad("too large") }

sub letters { $_[0] =~ s/\\(?:u(....)|(.))/defined $1 ? chr hex $1 : $SHORT{$2} \/\/ $2/ger }

# Moves past one value in its canonical form, or dies of it. Notes the members of an object, as they are written.
sub value {
    my ($text, $members) = @_;
    if ($$text =~ /\G\{/gc) {
        return if $$text =~ /\G\}/gc;
        my $before;
        do {
            $$text =~ /\G$STRING:/gc or bad("no key");
            my $key = letters($1);
            $key =~ /^[\x00-\x7f]*$/ or bad("a key outside ASCII");
            !defined $before || $before lt $key or bad("keys twice or in disorder");
            $before = $key;
            my $start = pos $$text;
            value($text);
            $members->{$key} = substr $$text, $start, pos($$text) - $start if $members;
        } while $$text =~ /\G,/gc;
        $$text =~ /\G\}/gc or bad("no end of an object");
    } elsif ($$text =~ /\G\[/gc) {
        return if $$text =~ /\G\]/gc;
        do { value($text) } while $$text =~ /\G,/gc;
        $$text =~ /\G\]/gc or bad("no end of a list");
    } elsif ($$text =~ /\G(0|-?[1-9][0-9]{0,15})(?![0-9.eE])/gc) {
        number($1);
    } else {
        $$text =~ /\G(?:$STRING|true|false|null)/gc or bad("not in the one allowed form");
    }
}

sub next_line {
    my ($file) = @_;
    my $raw = <$file>;
    defined $raw or return;
    $line++;
    length $raw <= 1 << 20 && $raw =~ s/\n\z// or bad("too long, or without its end");
    eval { decode("UTF-8", $raw, FB_CROAK | LEAVE_SRC); 1 } or bad("not UTF-8");
    value(\$raw);
    (pos($raw) // 0) == length $raw or bad("something stands behind the object");
    return $raw;
}

my ($ledger, @files) = @ARGV;
open my $in, '<:raw', $ledger or unusable("cannot read $ledger");
my $head = next_line($in) // unusable("empty");
my $stream_head = qr/\{"root":"($HEX)","size":($COUNT)\}/;
$head =~ /^\{"format":"zgoda-ledger\/1","school":"($UUID)","streams":\{"authority":$stream_head,"dispatch":$stream_head,"vendor":$stream_head\}\}$/
    or bad("not a header");
my $school = $1;
my %root = (authority => $2, dispatch => $4, vendor => $6);
my %size = (authority => $3, dispatch => $5, vendor => $7);

my (%awaited, %points);
for my $file (@files) {
    open my $checkpoint, '<:raw', $file or unusable("cannot read $file");
    local $/;
    my ($origin, $at, $digest, $count) = (<$checkpoint>) =~
        /^\{"at":"([^"\\]+)","origin":"([^"\\]+)","root":"($HEX)","size":($COUNT)\}\s*$/ ? ($2, $1, $3, $4) : unusable("no checkpoint in $file");
    my ($whose, $stream) = $origin =~ /^zgoda\/($UUID)\/(authority|dispatch|vendor)$/ or unusable("a checkpoint of nothing");
    $whose eq $school or bad("the checkpoint is of another school, $whose");
    push @{$awaited{"$stream $count"}}, $digest;
    push @{$points{$stream}}, [$at, $count];
}
for my $points (values %points) {
    my @in_time = sort { $a->[0] cmp $b->[0] } @$points;
    $in_time[$_ - 1][1] <= $in_time[$_][1] or bad("a later checkpoint covers fewer leaves") for 1 .. $#in_time;
}
my $witnessed = sub {
    my ($stream, $seq, $chain) = @_;
    my $expected = delete $awaited{"$stream $seq"} or return;
    $_ eq unpack('H*', $chain) or bad("not the stream $stream that was witnessed, up to leaf $seq") for @$expected;
};

my $raw = next_line($in);
for my $stream (@STREAMS) {
    my $chain = "\0" x 32;
    $witnessed->($stream, 0, $chain);
    for my $seq (1 .. $size{$stream}) {
        defined $raw or do { $line++; bad("stream $stream, leaf $seq is missing") };
        $raw =~ /^\{"chain":"($HEX)","hash":"($HEX)","leaf":(\{.*\}),"seq":$seq,"stream":"$stream"\}$/s
            or bad("stream $stream, leaf $seq should stand here");
        my ($chained, $hashed, $leaf) = ($1, $2, $3);
        value(\$leaf, \my %members);
        pos($leaf) == length $leaf or bad("stream $stream, leaf $seq: a line has exactly five members");
        $hashed eq sha256_hex("\0$leaf") or bad("stream $stream, leaf $seq: the leaf does not match its hash");
        $chain = sha256("\1" . $chain . pack('H*', $hashed));
        $chained eq unpack('H*', $chain) or bad("stream $stream, leaf $seq: the chain breaks here");
        ($members{school} // "\"$school\"") eq "\"$school\"" && ($members{stream} // "\"$stream\"") eq "\"$stream\""
            or bad("stream $stream, leaf $seq names another school or stream");
        $witnessed->($stream, $seq, $chain);
        $raw = next_line($in);
    }
    bad("stream $stream: one leaf more than the header says") if defined $raw && $raw =~ /"stream":"$stream"\}$/;
    $root{$stream} eq unpack('H*', $chain) or do { $line = 1; bad("the root of stream $stream is another") };
}
bad("nothing should stand here") if defined $raw;
bad("fewer leaves than were witnessed: $_") for sort keys %awaited;
print "good: ", join(', ', map { "$size{$_} leaves of $_" } @STREAMS), "\n";
