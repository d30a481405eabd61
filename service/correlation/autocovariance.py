"""Autocovariances of a series with holes, over all pairs that are held."""

import numpy as np
from numpy.typing import NDArray


def autocovariance(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean product of deviations, and the number of pairs behind it, at lags 0 … n − 1 (0 where there is no pair).

    `values` hold NaN where missing, at least one value is held. Deviations are from the mean of all values held.
    By one fast Fourier transform of the values and one of their mask: O(n log n).
    """
    held = np.isfinite(values)
    deviation = np.where(held, values - values[held].mean(), 0.0)
    bars = len(values)
    size = 1 << (2 * bars - 1).bit_length()
    power = np.abs(np.fft.rfft(np.vstack([deviation, held.astype(np.float64)]), size, axis=1)) ** 2
    sums, counts = np.fft.irfft(power, size, axis=1)[:, :bars]
    pairs = np.rint(counts)
    return np.divide(sums, pairs, out=np.zeros(bars), where=pairs > 0), pairs
