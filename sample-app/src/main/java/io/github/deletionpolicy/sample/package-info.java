/**
 * Sample application: users and their documents behind a small REST API and one page,
 * deleted by policy.
 */
@NullMarked
package io.github.deletionpolicy.sample;

import org.jspecify.annotations.NullMarked;
