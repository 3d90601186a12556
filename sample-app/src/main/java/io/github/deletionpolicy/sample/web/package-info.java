/**
 * What all pages share: who is acting, the notice after an action, what went wrong.
 */
@NullMarked
package io.github.deletionpolicy.sample.web;

import org.jspecify.annotations.NullMarked;
