/**
 * The pages in a real browser.
 */
package io.github.deletionpolicy.sample.browser;
