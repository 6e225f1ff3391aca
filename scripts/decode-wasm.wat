;; The loop of pkg-template/decode-wasm.js, which holds it assembled: JavaScript takes ten times as long, since it runs once
;; and so is never compiled well.
(module
  (memory (export "memory") 0)

  ;; Decodes the text between two addresses in place. The table of bytes stands at 0. Returns where the bytes end.
  (func (export "decode") (param $in i32) (param $end i32) (result i32)
    (local $out i32)
    (local $code i32)
    (local.set $out (local.get $in))
    (loop $next
      ;; " " and "!" announce a second character, whose byte stands in the second or third row of 128.
      (if (i32.lt_u (local.tee $code (i32.load8_u (local.get $in))) (i32.const 34))
        (then
          (local.set $code
            (i32.add
              (i32.shl (i32.sub (local.get $code) (i32.const 31)) (i32.const 7))
              (i32.load8_u (local.tee $in (i32.add (local.get $in) (i32.const 1))))))))
      (i32.store8 (local.get $out) (i32.load8_u (local.get $code)))
      (local.set $out (i32.add (local.get $out) (i32.const 1)))
      (br_if $next (i32.lt_u (local.tee $in (i32.add (local.get $in) (i32.const 1))) (local.get $end))))
    (local.get $out)))
